"""What words ask for: a text and a catalogue → one intent, and scores that follow it."""
