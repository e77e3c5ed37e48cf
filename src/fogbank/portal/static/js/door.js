// A one-time link signs in by itself, but only in a browser that somebody looks at: pages that are fetched or prepared
// ahead do not press buttons.
{
  const form = document.querySelector("form[data-submits]");
  const press = () => form.requestSubmit();
  if (form && document.prerendering) document.addEventListener("prerenderingchange", press, { once: true });
  else if (form) press();
}
