import type { Viewer } from "../shared/types.ts";

export function LandingPage({ viewer }: { viewer: Viewer | null }) {
	return (
		<>
			<section className="hero">
				<p className="badge">Protected by Portcullis</p>
				<h1>A notebook that only your team can open</h1>
				<p className="lead">
					This page is public. The notes are not: whoever opens them signs in with the identity provider of your company
					first, and lands on the very page they asked for.
				</p>
				<p className="actions">
					<a className="button" href="/notes">
						Open the notes
					</a>
					{viewer && <span className="muted">Signed in as {viewer.name}</span>}
				</p>
			</section>
			<section aria-labelledby="how">
				<h2 id="how">What you can try here</h2>
				<ul className="cards">
					<li className="card">
						<h3>Shut by default</h3>
						<p>
							Ask for <code>/api/notes</code> in a private window. No route was told to refuse you, and yet the answer
							is 401.
						</p>
					</li>
					<li className="card">
						<h3>No tokens in the page</h3>
						<p>
							Look into the storage of this browser. The tokens are sealed in <code>HttpOnly</code> cookies that no
							script can read.
						</p>
					</li>
					<li className="card">
						<h3>Checks with a name</h3>
						<p>
							<code>isAdmin</code> guards <a href="/admin">the admin page</a> and its API alike. Come as somebody else,
							and both say no.
						</p>
					</li>
				</ul>
			</section>
		</>
	);
}
