"""Moving in from another panel: files looked at before they are carried out."""
