// Answers HTTP requests under the install's own path, /apps/APP/plugins/NAME/…
export const endpoint = {
  handle(ctx, request) {
    if (request.path === '/hello') {
      return page(200, `Hello, ${request.uid ?? 'stranger'}!`);
    }
    return page(404, 'There is nothing here.');
  },
};

// Plain text.
function page(status, text) {
  const headers = [{ name: 'content-type', value: 'text/plain; charset=utf-8' }];
  return { status, headers, body: new TextEncoder().encode(text) };
}
