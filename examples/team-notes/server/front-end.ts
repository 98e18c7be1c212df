import type { MiddlewareHandler } from "hono";

/** The browser's part of the app: built files, or Vite. */
export interface FrontEnd {
	/** URLs of module scripts, in order. */
	readonly scripts: readonly string[];
	/** URL of the style sheet. */
	readonly styles: string;
	/** Directives of the content security policy that differ from those of the document. */
	readonly policy: Readonly<Record<string, string>>;
	/** Answers what lies below `/web/`. */
	readonly files: MiddlewareHandler;
	close(): Promise<void>;
}
