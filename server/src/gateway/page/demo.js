// What the server offers to this page alone (PROTOCOL.md §6): the demo apps, and tokens for their users.

/// What went wrong, as the server says it: a stable `code` and words for people.
export class ApiError extends Error {
  constructor({ code, message, field, retry_after_ms: retryAfter }) {
    super(message || code);
    this.code = code;
    this.field = field;
    this.retryAfter = retryAfter;
  }

  /// Whether asking again later may help although nothing else has changed.
  get passing() {
    return ["offline", "timeout", "rate_limited", "busy", "storage_unavailable", "internal"].includes(this.code);
  }
}

async function ask(path, init) {
  let response;
  try {
    response = await fetch(new URL(path, document.baseURI), { ...init, cache: "no-store", credentials: "omit" });
  } catch {
    throw new ApiError({ code: "offline", message: "The server cannot be reached." });
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const unclear = { code: response.status >= 500 ? "internal" : "bad_frame", message: `HTTP ${response.status}` };
  throw new ApiError(body.error ?? unclear);
}

/// The apps marked as demo, each with its users.
export async function demoApps() {
  return (await ask("demo/apps")).apps;
}

/// Answers a function that gives a token for this user: the same one until it is nearly over, or until `renew` is true.
export function tokenSource(app, user) {
  let session = null;
  return async (renew) => {
    if (renew || !session || session.expires_at - Date.now() < 60_000) {
      session = await ask("demo/session", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ app, user }),
      });
    }
    return session.token;
  };
}
