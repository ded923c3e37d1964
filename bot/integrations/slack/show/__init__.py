"""What people see in Slack: cards, pages, news, modals, the home tab."""
