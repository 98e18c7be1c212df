import { callbackPathOf } from "../../app/routes/paths.ts";
import { DEFAULT_ROUTES } from "../../config/options.ts";

/** What a provider's console wants to know of an app at one origin. */
export interface Registration {
	readonly origin: string;
	/** Redirect URI, callback URL, reply URL. */
	readonly redirectUri: string;
	/** Post-logout redirect URI, allowed logout URL. */
	readonly postLogoutRedirectUri: string;
	/** Back-channel logout URI. Called by the provider itself, which has to reach it. */
	readonly backchannelLogoutUri: string;
}

/**
 * The addresses to register, per origin.
 *
 * @param isOneOfSeveral True if the app has other providers, too: then each has a callback of its
 *   own.
 */
export function registrations(
	provider: string,
	origins: readonly string[],
	isOneOfSeveral: boolean,
): readonly Registration[] {
	const { callback, logout, endpoints } = DEFAULT_ROUTES;
	return origins.map((origin) => ({
		origin,
		redirectUri: origin + callbackPathOf(callback, provider, isOneOfSeveral),
		postLogoutRedirectUri: origin + logout,
		backchannelLogoutUri: `${origin}${endpoints}/backchannel-logout/${provider}`,
	}));
}

/** The addresses as a person pastes them. */
export function renderRegistrations(list: readonly Registration[]): string {
	const block = ({ redirectUri, postLogoutRedirectUri, backchannelLogoutUri }: Registration) =>
		[
			`  Redirect URI          ${redirectUri}`,
			`  After a logout        ${postLogoutRedirectUri}`,
			`  Back-channel logout   ${backchannelLogoutUri}`,
		].join("\n");
	return `Register exactly these at the provider:\n\n${list.map(block).join("\n\n")}\n`;
}
