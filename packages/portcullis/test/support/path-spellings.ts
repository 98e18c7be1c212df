// Paths of an app, and how else they can be written.

/** In the body of every handler that only signed-in people may reach. */
export const SIGNED_IN = "for-people-who-signed-in";
/** In the body of every handler that only admins may reach. */
export const ADMIN = "for-admins-alone";

/** What each handler of the apps says, by its path. Shut ones beside open ones. */
export const BODIES: Readonly<Record<string, string>> = {
	"/private": SIGNED_IN,
	"/private/deep/page": SIGNED_IN,
	"/open/private": SIGNED_IN,
	"/public/internal/page": SIGNED_IN,
	"/admin": ADMIN,
	"/admin/panel": ADMIN,
	"/open/page": "open",
	"/public/page": "open",
	"/assets/app.js": "open",
};

/**
 * What an app says that reads paths in every forgiving way at once, as old servers and careless
 * file look-ups do: of all readings the most secret one. If one of them may be wrong, none may be
 * open. `undefined` where no reading is a path of the app.
 */
export function mostSecretBody(target: string): string | undefined {
	const bodies = forgivingReadings(target).map((path) => BODIES[path]);
	return [ADMIN, SIGNED_IN, "open"].find((one) => bodies.includes(one));
}

function forgivingReadings(target: string): string[] {
	const readings: string[] = [];
	let current = target.split("?", 1)[0] ?? "/";
	for (let round = 0; round < 4; round++) {
		for (const base of [current, current.split(/[?#\0\r\n]/, 1)[0] ?? "/"]) {
			for (const withParameters of [base, base.replace(/;[^/]*/g, "")]) {
				const slashes = withParameters.replaceAll("\\", "/").replace(/\/+/g, "/");
				readings.push(tidy(slashes), tidy(dotless(slashes)));
			}
		}
		current = current.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
			String.fromCharCode(Number.parseInt(hex, 16)),
		);
	}
	return readings;
}

function tidy(path: string): string {
	return (
		path
			.toLowerCase()
			.normalize("NFKC")
			.replace(/[.\s/]+$/, "") || "/"
	);
}

function dotless(path: string): string {
	return new URL(path.replace(/[?#].*$/s, ""), "http://a").pathname;
}

/** More than 60 ways to write one path. */
function spellings(path: string): string[] {
	const first = path.slice(1).split("/")[0] ?? "";
	const encoded = (text: string) =>
		[...text].map((character) => `%${character.charCodeAt(0).toString(16)}`).join("");
	const twice = encoded(first).replaceAll("%", "%25");
	const wide = [...first]
		.map((character) => encodeURIComponent(String.fromCharCode(character.charCodeAt(0) + 0xfee0)))
		.join("");
	const rest = path.slice(1 + first.length);
	const one = `%${first.charCodeAt(0).toString(16)}${first.slice(1)}`;
	return [
		path,
		`${path}/`,
		`${path}//`,
		`/${path}`,
		`//${path}`,
		`///${path}`,
		`/.${path}`,
		`/./${path}`,
		`/..${path}`,
		`/../..${path}`,
		`/x/..${path}`,
		`/x/%2e%2e${path}`,
		`/x/%2E%2E${path}`,
		`/x/.%2e${path}`,
		`/x/%252e%252e${path}`,
		`/open/..${path}`,
		`/public/..${path}`,
		`/public/%2e%2e${path}`,
		`/public/%2e%2e%2f${path.slice(1)}`,
		`/public/..%2f${path.slice(1)}`,
		`/public/..%5c${path.slice(1)}`,
		`/public/..\\${path.slice(1)}`,
		`/public/page/../..${path}`,
		`/public/..;${path}`,
		`/public/..;/..${path}`,
		`/public/.;/..${path}`,
		`/open/%2e%2e${path}`,
		`/open/page/..%2f..${path}`,
		`/assets/..${path}`,
		`/assets/%2e%2e${path}`,
		`/assets/..%2f${path.slice(1)}`,
		`/assets/..;${path}`,
		`/assets/%252e%252e%252f${path.slice(1)}`,
		`/${encoded(first)}${rest}`,
		`/${one}${rest}`,
		`/${twice}${rest}`,
		`/%25${one.slice(1)}${rest}`,
		`/${wide}${rest}`,
		`/%2f${path.slice(1)}`,
		`/%2F${path.slice(1)}`,
		`/%5c${path.slice(1)}`,
		`/\\${path.slice(1)}`,
		`\\${path.slice(1)}`,
		`/${first.toUpperCase()}${rest}`,
		`/${first[0]?.toUpperCase()}${first.slice(1)}${rest}`,
		`${path};`,
		`${path};a=b`,
		`/${first};a=b${rest}`,
		`/;${path}`,
		`/;x=/..${path}`,
		`${path}.`,
		`${path}..`,
		`${path}%20`,
		`${path}%09`,
		`${path}%00`,
		`${path}%00.js`,
		`${path}%0a`,
		`${path}%0d%0aX:%20y`,
		`${path}%23`,
		`${path}%23/../../public/page`,
		`${path}%3f`,
		`${path}%3fx=/public/page`,
		`${path}#`,
		`${path}#/public/page`,
		`${path}?`,
		`${path}?x=/public/page`,
		`${path}?/../../public/page`,
		`${path}/.`,
		`${path}/./`,
		`${path}/..${path}`,
		`${path}/%2e`,
		`${path}/x/..`,
		`${path}/x/%2e%2e`,
		`${path}%2f`,
		`${path}%5c`,
		`${path}/%20`,
		`${path}%`,
		`${path}%zz`,
		`${path}%c0%af`,
		`/%c0%ae%c0%ae${path}`,
		`/%e0%80%af${path.slice(1)}`,
		`${path}/..;/..;${path}`,
		`http://localhost${path}`,
		`http://public.invalid${path}`,
		`http://a@b${path}`,
		`http:${path}`,
		`*`,
		`${path}/../${first}${rest}`,
		`/${first}%2f${rest.slice(1)}`,
		`/${first}//${rest.slice(1)}`,
		`/${first}/.${rest}`,
		`/${first}\\${rest.slice(1)}`,
		`/${first}/%2e/${rest.slice(1)}`,
		`${path}.html`,
		`${path}.json`,
		`${path}~`,
	];
}

/** Paths that are not open to everyone. */
export const shut: readonly string[] = Object.keys(BODIES).filter(
	(path) => BODIES[path] !== "open",
);
/** All of them, written in every way. */
export const corpus: readonly string[] = shut.flatMap(spellings);
