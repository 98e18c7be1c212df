/**
 * `oidc-provider` has no declarations of its own: this is as much of it as the development identity
 * provider uses.
 */
declare module "oidc-provider" {
	import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

	export interface Session {
		readonly uid: string;
		accountId?: string;
		authorizations?: Record<string, { grantId?: string; persistsLogout?: boolean }> | undefined;
		grantIdFor(clientId: string): string | undefined;
		loginAccount(details: { accountId: string }): void;
		persist(): Promise<void>;
		destroy(): Promise<void>;
	}

	export interface Grant {
		readonly accountId: string;
		readonly clientId: string;
		addOIDCScope(scope: string): void;
		addResourceScope(resource: string, scope: string): void;
		save(): Promise<string>;
	}

	export interface Client {
		readonly clientId: string;
		readonly clientName?: string;
		grantTypeAllowed(type: string): boolean;
	}

	export interface OidcContext {
		readonly provider: Provider;
		readonly route: string;
		readonly params: Record<string, string | undefined> & { readonly resource?: string | string[] };
		readonly session: Session;
		readonly client?: Client;
		readonly resourceServers: Readonly<Record<string, unknown>>;
		readonly result?: { readonly login?: unknown };
		readonly entities: {
			readonly Client?: Client;
			readonly IdTokenHint?: { readonly payload: { readonly sub: string; readonly aud: unknown } };
		};
	}

	/** The Koa context. `oidc` is there once a route of the engine has been found. */
	export interface Context {
		readonly req: IncomingMessage;
		readonly res: ServerResponse;
		readonly method: string;
		readonly path: string;
		readonly query: Record<string, string | string[] | undefined>;
		readonly oidc: OidcContext;
		readonly cookies: { set(name: string, value: string | null, options?: object): void };
		status: number;
		type: string;
		body: unknown;
		respond?: boolean;
		set(name: string, value: string): void;
		redirect(url: string): void;
	}

	export interface Interaction {
		readonly uid: string;
		readonly prompt: { readonly name: string };
		readonly params: Readonly<Record<string, unknown>>;
		readonly session?: { readonly accountId: string; readonly uid: string };
	}

	interface TokenModel {
		revokeByGrantId(grantId: string): Promise<void>;
	}

	export const errors: { readonly InvalidTarget: new () => Error };

	export class Provider {
		constructor(issuer: string, configuration: object);
		readonly issuer: string;
		readonly Client: {
			find(id: string): Promise<Client | undefined>;
			readonly prototype: Record<string, unknown>;
		};
		readonly Grant: {
			new (of: { accountId: string; clientId: string }): Grant;
			find(id: string): Promise<Grant | undefined>;
			readonly adapter: { destroy(id: string): Promise<void> };
		};
		readonly Session: { findByUid(uid: string): Promise<Session | undefined> };
		readonly AccessToken: TokenModel;
		readonly RefreshToken: TokenModel;
		readonly AuthorizationCode: TokenModel;
		use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): this;
		callback(): RequestListener;
		cookieName(type: "session" | "interaction" | "resume"): string;
		interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
		interactionFinished(
			request: IncomingMessage,
			response: ServerResponse,
			result: object,
			options?: { mergeWithLastSubmission?: boolean },
		): Promise<void>;
		on(event: "server_error", listener: (context: Context, error: unknown) => void): this;
	}
}
