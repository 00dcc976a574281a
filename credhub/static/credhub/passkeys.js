// Passkeys: joins django-allauth's WebAuthn functions to the form that says in data-passkey what it is for.
"use strict";
(() => {
  const form = document.querySelector("form[data-passkey]");
  const button = document.getElementById("passkey-button");
  const told = document.querySelector("[data-passkey-error]");
  const tell = (text) => {
    told.textContent = text;
    told.hidden = !text;
  };
  if (!form || !button || !window.allauth) return;
  if (!window.PublicKeyCredential) {
    if (form.dataset.passkey !== "login") tell("This browser cannot use passkeys.");
    return;
  }
  const [call, name] = {
    add: ["addForm", "add"],
    confirm: ["authenticateForm", "authenticate"],
    login: ["loginForm", "login"],
  }[form.dataset.passkey];
  window.allauth.webauthn.forms[call]({
    ids: { [name]: button.id, credential: form.elements.credential.id, passwordless: "id_passwordless", data: "js_data" },
  });
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const known = event.detail.exception.name === "InvalidStateError";
    tell(known ? "This device has a passkey for this account already." : "No passkey was used. Try again when you are ready.");
  });
  button.addEventListener("click", () => tell(""));
  button.hidden = false;
})();
