"""What all pages share. A page is widgets → config → one call into `recsys` → draw.

Conventions (a page that keeps them looks and behaves like the others):

*   A page is a script `pages/<step>.py`, registered once in `common/journey.py`. It begins with
    `page_header("<step>")` (progress, title, the one sentence that says what to do here) and ends
    with `next_step("<step>")` (the primary button to the next page). Its parts lie in a folder of
    its name; what several pages use lies in `common`, `words`, `charts` and `html`.
*   Words: `from pages._ui.common.i18n import _, ngettext, say`. `_("literal")` translates; `_`
    takes keyword places: `_("{count} users", count=3)`. `say(message)` translates a
    `recsys.schema.Message` (error, report line, note) or a template that `recsys` marked by `N_`.
    Never f-strings inside `_()`: extraction reads literals. Chinese lives in
    `assets/locale/zh_CN/LC_MESSAGES/messages.po`; `python -m assets.locale.update` brings it in
    line with the code. `tests/app/test_catalogue.py` fails where an entry is missing or stale.
*   Data words (titles, ids, anything uploaded) never reach Markdown or HTML: `st.text`,
    `st.dataframe`, `st.code`, or `widgets.plain(text)` inside Markdown, `charts.label(text)`
    inside a chart, `markup.*` for the few coloured pieces.
*   Files of a person are read by another process: `readings.begin(…)` and `readings.settled(…)`,
    which show how far it is, a button to stop it, and why it failed.
*   Errors: `except RecsysError as error: show_error(error)`; one sentence, what was there stays.
*   Charts: build with `charts.bars/line/…` or any plotly figure, then `charts.show(fig, key=…)`;
    template and palette follow the theme. One accent colour; others only distinguish series.
*   State: `state.dataset()` is the current data (never None: MovieLens at first),
    `state.cleaning_report()` its report, `state.prompt()` the current prompt (name and source),
    `state.user_choice(…)` the user being looked at. `state.link(name, value)` puts a value in the
    URL (`?run=…`), `state.linked(name)` reads it; page changes keep what `state.KEPT` lists.
    `recsys.runs.runs_folder()`, `prompt_files.kept()` say where files go.
*   Downloads: `recsys.sources.export.to_csv_bytes` (no cell runs as a formula); the tables' own
    download button is hidden for that reason, in `assets/style.css`.
*   `format_func` of a widget gets words made beforehand (`names.__getitem__`), not a call of `_`.
*   A value that must outlive `st.switch_page` has a key of its own in the session, or a link;
    Streamlit forgets the widgets of the page that is left.
*   Nothing heavy at import: torch and transformers are imported inside functions of `recsys`.
"""
