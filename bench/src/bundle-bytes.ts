import {
	bundle,
	loadedFirst,
	sizeOf,
} from "../../packages/portcullis/test/support/browser-bundle.ts";

/** What a browser loads, minified and gzipped. Bytes. */
export interface BundleBytes {
	/** Before the first paint. */
	readonly first: number;
	/** With what is loaded afterwards, which keeps values live. */
	readonly all: number;
}

/** Bundles an entry for browsers as an app does it. React is the app's own, and not counted. */
export async function measureBundle(entry: "client" | "react"): Promise<BundleBytes> {
	const chunks = await bundle(entry);
	return { first: sizeOf(loadedFirst(chunks)), all: sizeOf(chunks) };
}
