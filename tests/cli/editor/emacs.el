;; What a user of Emacs does: opens notes, sees what is wrong, chooses an action, saves. Run by test_emacs.py. -*- lexical-binding: t -*-
(dolist (folder (file-expand-wildcards "/usr/share/emacs/site-lisp/elpa-src/*")) ; where Debian has eglot for Emacs 28
  (add-to-list 'load-path folder))
(require 'eglot)
(require 'json)
(unless (require 'markdown-mode nil t)
  (define-derived-mode markdown-mode text-mode "Markdown"))
(setq eglot-sync-connect 60
      eglot-connect-timeout 90
      make-backup-files nil
      last-nonmenu-event ?x) ; a key, so that no menu opens
(add-to-list 'eglot-server-programs
             `((markdown-mode latex-mode LaTeX-mode tex-mode) . (,(getenv "MDDERIVE_PYTHON") "-m" "mdderive" "server")))

(defun until (condition)
  "Wait until CONDITION holds, a minute at most."
  (let ((end (+ (float-time) 60)))
    (while (and (not (funcall condition)) (< (float-time) end))
      (accept-process-output nil 0.05))
    (unless (funcall condition) (error "Nothing came"))))

(defun choose (title text)
  "Choose the action that begins with TITLE where TEXT stands."
  (goto-char (point-min))
  (search-forward text)
  (goto-char (match-beginning 0))
  (let ((tick (buffer-chars-modified-tick)))
    (cl-letf (((symbol-function 'completing-read)
               (lambda (_ offered &rest _)
                 (car (seq-find (lambda (x) (string-prefix-p title (car x))) offered)))))
      (call-interactively #'eglot-code-actions))
    (until (lambda () (> (buffer-chars-modified-tick) tick)))))

(find-file (getenv "MDDERIVE_NOTES"))
(markdown-mode)
(call-interactively #'eglot)
(flymake-mode 1)
(until (lambda () (>= (length (flymake-diagnostics)) 2)))
(let ((told (mapcar (lambda (x)
                      (vector (line-number-at-pos (flymake-diagnostic-beg x))
                              (buffer-substring-no-properties (flymake-diagnostic-beg x) (flymake-diagnostic-end x))
                              (flymake-diagnostic-text x)))
                    (flymake-diagnostics))))
  (choose "Use the right formula" "2a$")
  (choose "Insert the solution" "\\derive")
  (save-buffer)
  (princ (concat "told: " (json-encode (vconcat told)))))
