// Passkeys: asks the browser to make one or to sign with one, and sends its answer as an ordinary form.
// Without this file, or without passkeys, these forms stay hidden and codes work all the same.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const read = (options) => {
  const ids = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
  const found = { ...options, challenge: bytes(options.challenge) };
  if (options.user) found.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) found.excludeCredentials = ids(options.excludeCredentials);
  if (options.allowCredentials) found.allowCredentials = ids(options.allowCredentials);
  return found;
};

const written = (credential) => {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const answer = form.querySelector("input[name=passkey]");
  form.addEventListener("submit", async (event) => {
    if (answer.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const failed = form.querySelector("[data-failed]");
    failed.hidden = true;
    try {
      const publicKey = read(JSON.parse(form.dataset.options));
      const found = await navigator.credentials[form.dataset.passkey]({ publicKey });
      answer.value = written(found);
      form.requestSubmit();
    } catch {
      failed.hidden = false;
    }
  }, { capture: true });
}
