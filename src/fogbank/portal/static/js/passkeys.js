// Passkeys (WebAuthn Level 3), to sign in, to confirm and to make new ones. Any form takes part that says so; without
// scripts, or where the browser has no passkeys, it stays hidden and the rest of the page works.
//
//   <form method="post" action="/sign-in/passkey" data-passkey="get" data-begin="/sign-in/passkey/begin" hidden>
//     <input type="hidden" name="answer">                      the credential, in JSON, when it is posted
//     <button class="button" type="submit">Sign in with a passkey</button>
//     <p class="problem" role="alert" data-passkey-problem hidden></p>
//   </form>
//   <p data-no-passkeys>Passkeys need scripts, and a browser that has them.</p>      hidden where they can be used
//
// "get" shows a passkey, "create" makes one. `data-begin` is posted to, and answers {"public_key": …}, the options in
// JSON; or another status and {"detail": "…"}, a sentence to show; or a redirect, which the page follows.
{
  // Passkeys are made for a name, by https or on localhost (WebAuthn, 5.1.3); an address in digits has none.
  const isNamed = !/^[\d.]+$|^\[/.test(location.hostname);
  const isThere = Boolean(isNamed && window.isSecureContext && window.PublicKeyCredential && navigator.credentials);

  const bytesOf = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const textOf = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const named = (credentials = []) => credentials.map((each) => ({ ...each, id: bytesOf(each.id) }));

  // What browsers do by themselves since 2023 to 2025, for those before.
  const requestOf = (json) => PublicKeyCredential.parseRequestOptionsFromJSON?.(json) ?? {
    ...json, challenge: bytesOf(json.challenge), allowCredentials: named(json.allowCredentials),
  };
  const creationOf = (json) => PublicKeyCredential.parseCreationOptionsFromJSON?.(json) ?? {
    ...json,
    challenge: bytesOf(json.challenge),
    user: { ...json.user, id: bytesOf(json.user.id) },
    excludeCredentials: named(json.excludeCredentials),
  };
  const jsonOf = (credential) => credential.toJSON?.() ?? {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: answerOf(credential.response),
  };
  const answerOf = (response) => {
    const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
    const parts = names.filter((name) => response[name]).map((name) => [name, textOf(response[name])]);
    return { ...Object.fromEntries(parts), transports: response.getTransports?.() };
  };

  const SAYS = {
    NotAllowedError: "No passkey was used: it was cancelled, took too long, or there is none for this site.",
    InvalidStateError: "This device has a passkey for this account already.",
    SecurityError: "Passkeys work only at the address that they were made for.",
  };

  // The options, or nothing where the page goes elsewhere for them.
  const begin = async (address) => {
    const answer = await fetch(address, { method: "POST", headers: { accept: "application/json" } });
    if (answer.redirected) {
      location.assign(answer.url);
      return undefined;
    }
    const { public_key: options, detail } = await answer.json();
    if (!answer.ok) throw new Error(detail);
    return options;
  };

  const perform = async (form) => {
    const options = await begin(form.dataset.begin);
    if (!options) return;
    const credential = form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: creationOf(options) })
      : await navigator.credentials.get({ publicKey: requestOf(options) });
    form.elements.answer.value = JSON.stringify(jsonOf(credential));
    form.submit();
  };

  const say = (form, text) => {
    const problem = form.querySelector("[data-passkey-problem]");
    problem.textContent = text;
    problem.hidden = !text;
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-passkey]");
    if (!form) return;
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    say(form, "");
    try {
      await perform(form);
    } catch (error) {
      const isOurs = error.constructor === Error && error.message;
      say(form, SAYS[error.name] ?? (isOurs ? error.message : "The passkey could not be used. Try again in a moment."));
    } finally {
      form.ariaBusy = "false";
    }
  });

  for (const form of document.querySelectorAll("form[data-passkey]")) form.hidden = !isThere;
  for (const note of document.querySelectorAll("[data-no-passkeys]")) note.hidden = isThere;
}
