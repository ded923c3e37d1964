"""What people do in Slack: buttons, modals, `/warroom`, the home tab."""
