import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

declare const app: RequestListener & {
	get(path: string, handler: (request: IncomingMessage, response: ServerResponse) => unknown): void;
};
