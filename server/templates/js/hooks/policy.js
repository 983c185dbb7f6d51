// Is asked before something happens: allows, changes or refuses it.
export const policy = {
  rules: () => ({ attempts: ['send'], kinds: ['text'], priority: 0, onFailure: 'open' }),

  check(ctx, sender, attempt) {
    const { text } = JSON.parse(attempt.val.body);
    if (text.includes('://')) {
      return { tag: 'refuse', val: { code: 'no_links', text: 'Links are not welcome here.' } };
    }
    return { tag: 'allow' };
  },
};
