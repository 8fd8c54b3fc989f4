/** Asks the server which town there is and what it is made of. */

import { ContractError, parseScene, parseSceneList, type Scene } from './contracts';

/** Why no scene came: told apart because a citizen can do something about the first only. */
export type LoadFault = 'unreachable' | 'broken';

export class LoadError extends Error {
  constructor(
    readonly fault: LoadFault,
    message: string,
  ) {
    super(message);
  }
}

/** The server's first scene, or undefined when it has none. */
export async function loadScene(
  base: string,
  ask: typeof fetch = fetch,
): Promise<Scene | undefined> {
  try {
    const list = parseSceneList(await readJson(new URL('api/v1/scenes', base), ask));
    const first = list[0];
    return first && parseScene(await readJson(new URL(first.href, base), ask));
  } catch (error) {
    if (error instanceof ContractError) throw new LoadError('broken', error.message);
    throw error;
  }
}

async function readJson(address: URL, ask: typeof fetch): Promise<unknown> {
  let answer: Response;
  try {
    answer = await ask(address);
  } catch (error) {
    throw new LoadError('unreachable', String(error));
  }
  if (!answer.ok) throw new LoadError('unreachable', `${address.pathname}: ${answer.status}`);
  try {
    return await answer.json();
  } catch (error) {
    throw new LoadError('broken', String(error));
  }
}
