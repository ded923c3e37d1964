"""People from where they are: what `import` in `people.yaml` names."""
