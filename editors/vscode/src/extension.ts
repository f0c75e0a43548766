// The language server of mdderive in VS Code: this starts it, and says so when it cannot be started.
import { commands, window, workspace, type ExtensionContext } from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";

const LANGUAGES = ["markdown", "latex", "tex", "quarto", "rmd", "mdx", "myst"];
const HELP = "pip install 'mdderive[server]', or set mdderive.command";

let client: LanguageClient | undefined;

/** Start the server, and offer to start it anew. */
export async function activate(context: ExtensionContext): Promise<void> {
  context.subscriptions.push(
    commands.registerCommand("mdderive.restart", restart),
    workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration("mdderive")) await restart();
    }),
  );
  await start();
}

/** Stop the server. */
export async function deactivate(): Promise<void> {
  await client?.stop();
  client = undefined;
}

async function restart(): Promise<void> {
  await deactivate().catch(() => undefined); // one that has failed cannot be stopped
  await start();
}

async function start(): Promise<void> {
  const settings = workspace.getConfiguration("mdderive");
  const [command, ...args] = settings.get<string[]>("command", ["mdderive", "server"]);
  if (!command) return;
  const server: ServerOptions = { command, args };
  const options: LanguageClientOptions = {
    documentSelector: [
      ...LANGUAGES.flatMap((language) => ["file", "untitled"].map((scheme) => ({ scheme, language }))),
      { scheme: "file", pattern: "**/pyproject.toml" },
    ],
    initializationOptions: { lint: settings.get<boolean>("lint", true) },
  };
  client = new LanguageClient("mdderive", "mdderive", server, options);
  try {
    await client.start();
  } catch (error) {
    void window.showErrorMessage(`mdderive: the language server cannot be started (${String(error)}): ${HELP}`);
  }
}
