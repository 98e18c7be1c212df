/** The test that serves this build says what stands in front of it. */
const front = () => globalThis[Symbol.for("portcullis.hosts.sveltekit")];

/** @type {import("@sveltejs/kit").Handle} */
export const handle = ({ event, resolve }) =>
	front().handle(event.request, () => resolve(event), event.url.pathname);
