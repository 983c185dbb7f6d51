

def say(conversation_id, text):
    """Sends a text, spoken by the app itself."""
    body = json.dumps({"text": text})
    messages_send.send(messages_send.Outgoing(conversation_id, None, "text", body, [], None, False))
