// Makes passkeys on the account page and signs in with them. Their forms stay hidden in browsers without them. What it says is in attributes.
(() => {
  "use strict";

  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) return;
  for (const part of document.querySelectorAll("[data-passkey]")) {
    const form = part.closest("form") ?? part.querySelector("form"), problem = form.querySelector(".problem");
    const say = text => {
      problem.textContent = text;
      problem.hidden = !text;
    };

    part.hidden = false;
    form.addEventListener("submit", async event => {
      event.preventDefault();
      say("");
      try {
        const answer = await fetch(form.action + "/options", { method: "POST", body: new URLSearchParams(new FormData(form)) });
        if (answer.status === 429) return say(part.dataset.busy);
        const options = await answer.json();
        if (!answer.ok) return say(part.dataset.notDone.replace("{problem}", () => options.problem ?? part.dataset.loadAgain));
        const key = part.dataset.passkey === "get"
          ? await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
          : await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
        form.elements.passkey.value = JSON.stringify(key.toJSON());
        for (const secret of form.querySelectorAll("[type=password],[name=code]")) secret.disabled = true;
        form.submit();
      } catch (error) {
        say(error.name === "InvalidStateError" ? part.dataset.known : part.dataset.cancelled);
      }
    });
  }
})();
