
// Sends a text, spoken by the app itself.
function say(conversationId, text) {
  const body = JSON.stringify({ text });
  send({ conversationId, kind: 'text', body, mentions: [], transient: false });
}
