export { json, scriptedServer, status } from './scripted-server.ts';
export type { Answerer, ScriptedServer, SeenRequest } from './scripted-server.ts';
