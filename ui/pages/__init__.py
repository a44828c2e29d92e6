"""The pages. Each module has `render(session)`, called inside the error boundary of the app."""
