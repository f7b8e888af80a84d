/** Calls of the API, with what a person needs to make the same call with curl. */

/** Quotes for a POSIX shell. */
function quoted(text) {
  return "'" + text.replaceAll("'", "'\\''") + "'";
}

/** The command line that makes the same call. The token is not shown; the shell knows it as TOKEN. */
export function curlLine({ method, path, body, token }, origin = location.origin) {
  const parts = ['curl -sS'];
  if (method !== 'GET') parts.push('-X' + method);
  parts.push(quoted(origin + path));
  if (token) parts.push('-H "authorization: Bearer $TOKEN"');
  if (body !== undefined) {
    parts.push("-H 'content-type: application/json'", '-d ' + quoted(JSON.stringify(body)));
  }
  return parts.join(' ');
}

const TOKEN = 'virq-token';

export class Api {
  /** @param onCall told of each call that is shown, when it begins and when it is answered */
  constructor(onCall) {
    this.onCall = onCall;
    this.numbers = 0;
  }

  /** Kept until the tab is closed, and sent to this server only. */
  get token() {
    return sessionStorage.getItem(TOKEN) ?? '';
  }

  set token(token) {
    if (token) sessionStorage.setItem(TOKEN, token);
    else sessionStorage.removeItem(TOKEN);
  }

  headers(more) {
    return this.token ? { ...more, authorization: 'Bearer ' + this.token } : more;
  }

  /** Whoever looks: not shown. Status 0: no answer came. */
  async get(path) {
    return this.send({ method: 'GET', path });
  }

  /** Whatever a person does: shown in the console. */
  async act(method, path, body) {
    const call = { number: ++this.numbers, method, path, body, token: this.token !== '' };
    this.onCall({ ...call });
    const answer = await this.send(call);
    this.onCall({ ...call, answer });
    return answer;
  }

  /** A call that the server has made in a person's place: shown like one of theirs. */
  tell(call) {
    this.onCall({ ...call, number: ++this.numbers, token: this.token !== '' });
  }

  /** Makes a sandbox, for a person who then uses it. */
  make(sandbox) {
    return this.act('PUT', sandboxPath(sandbox), { ttl: 'PT10M' });
  }

  /** Saves an answer as a file: a link could not send the token. */
  async save(path, name) {
    const response = await fetch(path, { headers: this.headers({}) });
    if (!response.ok) return { status: response.status, ok: false, body: parsed(await response.text()) };
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await response.blob());
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    return { ok: true };
  }

  async send({ method, path, body }) {
    try {
      const response = await fetch(path, {
        method,
        headers: this.headers(body === undefined ? {} : { 'content-type': 'application/json' }),
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, ok: response.ok, body: parsed(text) };
    } catch (e) {
      return { status: 0, ok: false, body: { detail: 'no answer: ' + e.message } };
    }
  }
}

function parsed(text) {
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    return { detail: text.slice(0, 200) };
  }
}

/** Path of a sandbox. */
export function sandboxPath(name) {
  return '/v1/sandboxes/' + encodeURIComponent(name);
}
