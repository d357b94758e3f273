"""What every page uses: words, state, theme, widgets, the journey from page to page."""
