"""Parts of the Prompts page: editor, preview, lab."""
