// Runs what users type after a slash. `/greet bob` whispers; what is whispered is told to who typed it, and not stored.
export const command = {
  commands: () => [{ name: 'greet', usage: '<name>', summary: 'Says hello', roles: [] }],

  run(ctx, sender, invocation) {
    if (invocation.arguments === '') {
      // What is thrown is the error of the result: here a refusal.
      throw { code: 'no_name', text: 'Whom?' };
    }
    return { tag: 'whisper', val: `Hello, ${invocation.arguments}!` };
  },

  complete: () => [],
};
