-- What a user of Neovim does: opens notes, sees what is wrong, chooses an action, saves. Run by test_neovim.py.
local python, notes = unpack(vim.fn.json_decode(vim.env.MDDERIVE_TEST))
local client = vim.lsp.start_client({
  name = "mdderive",
  cmd = { python, "-m", "mdderive", "server" },
  root_dir = vim.fn.getcwd(),
})
vim.cmd("edit " .. notes)
vim.lsp.buf_attach_client(0, client)

local function until_told(least)
  assert(vim.wait(60000, function() return #vim.diagnostic.get(0) >= least end, 20), "nothing was told")
end

local function choose(title)
  vim.ui.select = function(items, _, chosen)
    for _, item in ipairs(items) do
      if item[2].title:find(title, 1, true) then return chosen(item) end
    end
    error("no such action: " .. title)
  end
  local before = vim.api.nvim_buf_get_changedtick(0)
  vim.lsp.buf.code_action()
  assert(vim.wait(60000, function() return vim.api.nvim_buf_get_changedtick(0) > before end, 20), "nothing was done")
end

local function put_pointer_on(text)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(text, 1, true)
    if column then return vim.api.nvim_win_set_cursor(0, { number, column - 1 }) end
  end
  error("not there: " .. text)
end

local function session()
  until_told(2)
  local told = {}
  for _, one in ipairs(vim.diagnostic.get(0)) do
    table.insert(told, { one.code or one.user_data.lsp.code, one.lnum, one.col, one.end_col, one.severity })
  end
  put_pointer_on("2a$")
  choose("Use the right formula")
  put_pointer_on("\\derive")
  choose("Insert the solution")
  vim.cmd("write")
  io.stdout:write(vim.fn.json_encode(told))
end

local is_well, complaint = pcall(session)
if not is_well then io.stderr:write(complaint) end
vim.lsp.stop_client(client)
vim.cmd(is_well and "qall!" or "cquit")
