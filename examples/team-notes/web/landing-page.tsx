import { SignedIn, useServerState } from "./portcullis.ts";

export function LandingPage() {
	const name = useServerState("user", (user) => user.name);
	return (
		<>
			<section className="hero">
				<p className="badge">Protected by Portcullis</p>
				<h1>A notebook that only your team can open</h1>
				<p className="lead">
					This page is public. The notes are not: whoever opens them signs in with the identity
					provider of your company first, and lands on the very page they asked for.
				</p>
				<NoteCount />
				<p className="actions">
					<a className="button" href="/notes">
						Open the notes
					</a>
					<SignedIn>
						<span className="muted">Signed in as {name}</span>
					</SignedIn>
				</p>
			</section>
			<section aria-labelledby="how">
				<h2 id="how">What you can try here</h2>
				<ul className="cards">
					<li className="card">
						<h3>Shut by default</h3>
						<p>
							Read the source of this page in a private window. No value was told to hide, and yet
							only <code>darkMode</code> is real: that one alone says <code>auth: false</code>.
						</p>
					</li>
					<li className="card">
						<h3>Live for everyone</h3>
						<p>
							Open the notes in two browsers, as two people. What one writes is there for the other
							at once, and stays when the server restarts.
						</p>
					</li>
					<li className="card">
						<h3>Checks with a name</h3>
						<p>
							<code>isAdmin</code> guards <a href="/admin">the admin page</a>, its table and{" "}
							<code>clearAllNotes</code> alike. Come as somebody else, and all three say no.
						</p>
					</li>
				</ul>
			</section>
		</>
	);
}

/** For the team, the number; for everyone else, that there is one. */
function NoteCount() {
	const { noteCount } = useServerState("notes").$granted;
	if (noteCount === undefined) {
		return (
			<p className="count withheld">
				<span className="count-number" aria-hidden="true">
					?
				</span>{" "}
				How many notes there are is for the team to know.
			</p>
		);
	}
	return (
		<p className="count">
			<span className="count-number">{noteCount}</span> {noteCount === 1 ? "note" : "notes"} so far
		</p>
	);
}
