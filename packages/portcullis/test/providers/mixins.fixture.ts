import type { Provider } from "../../src/index.ts";
import type { TokenExchange } from "../../src/provider.ts";

// biome-ignore lint/suspicious/noExplicitAny: what TypeScript asks of the constructor of a mixin
type ProviderClass = abstract new (...args: any[]) => Provider;

/** Writes down who signs in; shared by providers that have nothing else in common. */
export function Audited<C extends ProviderClass>(Base: C) {
	abstract class AuditedProvider extends Base {
		readonly trail: string[] = [];

		override async validateExchange(exchange: TokenExchange): Promise<boolean> {
			const isAccepted = await super.validateExchange(exchange);
			this.trail.push(`${this.name} ${exchange.claims.sub} ${isAccepted}`);
			return isAccepted;
		}
	}
	return AuditedProvider;
}

/** Lets in only whom the provider calls verified. */
export function Verified<C extends ProviderClass>(Base: C) {
	abstract class VerifiedProvider extends Base {
		override async validateExchange(exchange: TokenExchange): Promise<boolean> {
			return exchange.claims.email_verified === true && (await super.validateExchange(exchange));
		}
	}
	return VerifiedProvider;
}
