"""Reports: what was sold over a period, what it cost and brought, against the period before."""
