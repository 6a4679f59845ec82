// Passkeys: asks the server what to ask, asks the browser, sends its answer back. Buttons stay hidden without it.
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const withBytes = (list) => (list ?? []).map((entry) => ({ ...entry, id: bytes(entry.id) }));

function asked(options) {
  const key = { ...options, challenge: bytes(options.challenge) };
  if (options.user) {
    key.user = { ...options.user, id: bytes(options.user.id) };
    key.excludeCredentials = withBytes(options.excludeCredentials);
  } else {
    key.allowCredentials = withBytes(options.allowCredentials);
  }
  return key;
}

function answered(credential) {
  const response = { clientDataJSON: text(credential.response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
}

async function send(url, token, body) {
  const reply = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
  const isJson = reply.headers.get("Content-Type")?.startsWith("application/json");
  if (!isJson) throw new Error("");
  const found = await reply.json();
  if (!reply.ok) throw new Error(found.error ?? "");
  return found;
}

async function run(form) {
  const { begin, finish, failed } = form.dataset;
  const data = Object.fromEntries(new FormData(form));
  const token = data.csrfmiddlewaretoken;
  const says = form.querySelector("[data-says]");
  says.hidden = true;
  try {
    const options = await send(begin, token, {});
    const publicKey = asked(options.publicKey);
    const credential = await (publicKey.user ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
    const { to } = await send(finish, token, { answer: answered(credential), name: data.name, next: data.next });
    location.assign(to);
  } catch (error) {
    says.textContent = error instanceof DOMException || !error.message ? failed : error.message;
    says.hidden = false;
    form.querySelector("button").disabled = false;
  }
}

if (window.PublicKeyCredential && navigator.credentials) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      form.querySelector("button").disabled = true;
      run(form);
    });
  }
  for (const words of document.querySelectorAll("[data-without-passkey]")) words.hidden = true;
}
