// What plugin.js exports, with what is thrown in it told in words: the message, and the functions it was in.
import * as plugin from './plugin.js';

function told(error) {
  // What is thrown on purpose is an answer of the contract: a text, or a refusal.
  if (!(error instanceof Error)) throw error;
  console.error(`${error}\n${error.stack}`);
  throw String(error);
}

function guarded(run) {
  return (...given) => {
    try {
      const answer = run(...given);
      return answer instanceof Promise ? answer.catch(told) : answer;
    } catch (error) {
      told(error);
    }
  };
}

for (const hook of Object.values(plugin)) {
  for (const [name, run] of Object.entries(Object(hook))) {
    if (typeof run === 'function' && !Object.isFrozen(hook)) hook[name] = guarded(run.bind(hook));
  }
}

export * from './plugin.js';
