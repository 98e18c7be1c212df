import type { Snapshot } from "portcullis";
import { createContext, RouterContextProvider } from "react-router";

/** What the server that React Router runs in tells it about a request. */
export interface PageContext {
	/** The session and the values that the caller may see. */
	readonly snapshot: () => Promise<Snapshot>;
	/** The picture that the identity provider names for the person, as untrusted text. */
	readonly picture: string | undefined;
	readonly isDevelopment: boolean;
}

/** For loaders and the document. */
export const pageContext = createContext<PageContext>();

/** What React Router's request handler takes beside the request. */
export function toLoadContext(page: PageContext): RouterContextProvider {
	const context = new RouterContextProvider();
	context.set(pageContext, page);
	return context;
}
