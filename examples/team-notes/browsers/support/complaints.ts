import type { BrowserContext } from "playwright-core";

/**
 * What the pages of a context complain about from now on, violations of the content security policy
 * included.
 *
 * @param origin Of the app: what other sites do wrong is theirs.
 */
export function watchComplaints(context: BrowserContext, origin: string): string[] {
	const complaints: string[] = [];
	context.on("console", (message) => {
		const { url } = message.location();
		const isOwn = url === "" || URL.parse(url)?.origin === origin;
		if (isOwn && (message.type() === "error" || message.type() === "warning"))
			complaints.push(message.text());
	});
	context.on("weberror", (error) => complaints.push(String(error.error())));
	return complaints;
}
