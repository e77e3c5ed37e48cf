"""HTTP to URLs that customers give: to public addresses only, whatever a name or a redirect says."""
