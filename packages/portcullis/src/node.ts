export { type Listener, protect, userOf } from "./hosts/node.ts";
export { type ClosableServer, type ShutDownOptions, shutDown } from "./hosts/shut-down.ts";
