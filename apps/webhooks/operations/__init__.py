"""What admins decide about webhooks, and telling programs outside what happened."""
