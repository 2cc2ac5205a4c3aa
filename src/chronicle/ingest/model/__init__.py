"""A user's own model reads notes: asked, checked, kept. Off unless params name one."""
