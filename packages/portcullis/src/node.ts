export { type Listener, protect, userOf } from "./hosts/node/protect.ts";
export {
	type ClosableWebSocket,
	type UpgradableServer,
	upgrade,
	type WebSocketAcceptor,
} from "./hosts/node/upgrade.ts";
export { type ClosableServer, type ShutDownOptions, shutDown } from "./hosts/shut-down.ts";
