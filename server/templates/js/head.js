// plugin-name: a Switchboard plugin. wit/world.wit says what it exports (does) and imports (may touch).
//
// Each call runs in a fresh instance: nothing lasts in variables. What must last goes into kv.
// 64-bit numbers (times, seqs) are BigInt; optional values are undefined when they are not there.

export const about = {
  describe: () => ({ summary: 'A Switchboard plugin', version: '0.1.0' }),
};
