import type { IncomingMessage } from "node:http";
import type { Context, Interaction, Provider } from "oidc-provider";
import { drawAvatar } from "./dev-idp-avatar.ts";
import type { ResolvedDevIdpOptions } from "./dev-idp-options.ts";
import { errorPage, peoplePage } from "./dev-idp-pages.ts";
import { avatarPath, type DevPerson } from "./dev-idp-people.ts";
import { sendPage } from "./dev-idp-respond.ts";

type Middleware = (context: Context, next: () => Promise<void>) => Promise<void>;

/** The people page and what a click on it does: `GET` and `POST /interaction/<id>`. */
export function interactions(engine: Provider, { people }: ResolvedDevIdpOptions): Middleware {
	return async (context, next) => {
		if (!context.path.startsWith("/interaction/")) return next();
		// The engine's cookie decides which login this is; the id in the path only chooses among
		// several tabs.
		const interaction = await engine
			.interactionDetails(context.req, context.res)
			.catch(() => undefined);
		if (interaction === undefined) {
			context.status = 400;
			return sendPage(context, errorPage(expired));
		}
		if (context.method !== "POST") return showPeople(engine, context, interaction, people);
		if (!isOwnForm(context.req, engine.issuer)) {
			context.status = 403;
			return sendPage(context, errorPage(foreignForm));
		}
		await choose(engine, context, interaction, people);
	};
}

/** The drawn avatars: `GET /avatars/<sub>.svg`. */
export function avatars(people: readonly DevPerson[]): Middleware {
	const drawings = new Map(
		people.map(({ sub, name }) => [avatarPath(sub), String(drawAvatar(sub, name))]),
	);
	return async (context, next) => {
		const drawing = drawings.get(context.path);
		if (drawing === undefined) return next();
		context.type = "image/svg+xml";
		context.set("content-security-policy", "default-src 'none'; sandbox");
		context.set("x-content-type-options", "nosniff");
		// The app shows it, from another origin.
		context.set("cross-origin-resource-policy", "cross-origin");
		context.set("cache-control", "max-age=3600");
		context.body = drawing;
	};
}

async function showPeople(
	engine: Provider,
	context: Context,
	interaction: Interaction,
	people: readonly DevPerson[],
): Promise<void> {
	const { client_id: clientId, redirect_uri: redirectUri, scope } = interaction.params;
	const client = await engine.Client.find(String(clientId));
	sendPage(
		context,
		peoplePage({
			people,
			action: context.path,
			appName: client?.clientName ?? String(clientId),
			appOrigin: URL.parse(String(redirectUri))?.origin ?? "",
			scopes: typeof scope === "string" ? scope.split(" ") : [],
			current: interaction.session?.accountId,
		}),
	);
}

async function choose(
	engine: Provider,
	context: Context,
	interaction: Interaction,
	people: readonly DevPerson[],
): Promise<void> {
	const sub = (await readForm(context.req)).get("person");
	const known = people.some((person) => person.sub === sub);
	if (known && sub !== null) await changePerson(engine, interaction, sub);
	const result =
		known && sub !== null
			? { login: { accountId: sub }, consent: {} }
			: { error: "access_denied", error_description: "Nobody was chosen." };
	context.respond = false;
	await engine.interactionFinished(context.req, context.res, result, {
		mergeWithLastSubmission: false,
	});
}

/**
 * Hands the session over to another person. By default the engine would log the first person out by
 * a form that only a script sends. What was granted to the first one stays theirs: the session
 * forgets it.
 */
async function changePerson(
	engine: Provider,
	interaction: Interaction,
	sub: string,
): Promise<void> {
	if (interaction.session === undefined || interaction.session.accountId === sub) return;
	const session = await engine.Session.findByUid(interaction.session.uid);
	if (session === undefined) return;
	session.authorizations = undefined;
	session.loginAccount({ accountId: sub });
	await session.persist();
	// The engine compares the two when it takes the answer.
	Object.assign(interaction.session, { accountId: sub });
	await (interaction as Interaction & { persist(): Promise<void> }).persist();
}

/**
 * The interaction cookie is `SameSite=Lax`, but another port of this machine is the same site: the
 * origin tells them apart.
 */
function isOwnForm(request: IncomingMessage, issuer: string): boolean {
	const site = request.headers["sec-fetch-site"];
	// A proxy that puts `Referrer-Policy: no-referrer` on the page makes the origin `null`; what the
	// browser says of the site is above that.
	const origins = site === "same-origin" ? [undefined, issuer, "null"] : [undefined, issuer];
	return (site === undefined || site === "same-origin") && origins.includes(request.headers.origin);
}

/** Reads an urlencoded body; what is longer than a form of ours ends the connection. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
	let text = "";
	for await (const chunk of request.setEncoding("utf8")) {
		text += chunk;
		if (text.length > maxFormLength) {
			request.destroy();
			break;
		}
	}
	return new URLSearchParams(text);
}

/** Characters; an end-session request carries a whole ID token. */
const maxFormLength = 64 * 1024;

const expired = {
	error: "login_expired",
	error_description: "This sign-in page is no longer valid. Go back to your app and log in again.",
};

const foreignForm = {
	error: "foreign_form",
	error_description: "The form was not sent by this page.",
};
