// Makes the component: `node build.mjs OUT.wasm`. `switchboard plugin build` calls this.
import { componentize } from '@bytecodealliance/componentize-js';
import { readFile, writeFile } from 'node:fs/promises';

const { name } = JSON.parse(await readFile('package.json', 'utf8'));
const { component } = await componentize({
  sourcePath: 'guard.js',
  witPath: 'wit',
  worldName: 'plugin',
  // Take these out to use fetch(); the install then needs the grant `http`.
  disableFeatures: ['http', 'fetch-event'],
});
await writeFile(process.argv[2] ?? `${name}.wasm`, component);
