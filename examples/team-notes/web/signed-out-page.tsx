import { LoginButton } from "./portcullis.ts";

/**
 * What is left of a protected page when the session ends while it is open, here or in another tab.
 */
export function SignedOutPage() {
	return (
		<section className="hero" role="status">
			<h1>You are signed out</h1>
			<p className="lead">What this page showed is gone from this tab. Sign in to see it again.</p>
			<p className="actions">
				<LoginButton className="button">Sign in again</LoginButton>
			</p>
		</section>
	);
}
