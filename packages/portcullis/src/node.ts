export { type Listener, protect, userOf } from "./hosts/node.ts";
