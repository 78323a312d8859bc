// Names by which loaders, shells, interpreters and tools take code, or the place of code, from the environment.

/** Whether a value of this name can make a command do something else than its arguments say. */
export function isLever(name: string): boolean {
  const upper = name.toUpperCase()
  if (harmless.has(upper)) return false
  return (
    levers.has(upper) ||
    beginnings.some((beginning) => upper.startsWith(beginning)) ||
    endings.some((ending) => upper.endsWith(ending))
  )
}

const words = (text: string): string[] => text.trim().split(/\s+/)

const levers: ReadonlySet<string> = new Set(
  words(`
    PATH HOME IFS ENV SHELL SHELLOPTS BASHOPTS PS4 PROMPT_COMMAND CDPATH
    GCONV_PATH LOCPATH NLSPATH HOSTALIASES GLIBC_TUNABLES OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES
    CLASSPATH _JAVA_OPTIONS GOFLAGS GOTOOLCHAIN GOENV RUSTC RUSTDOC
    LESS LESSOPEN LESSCLOSE VISUAL BROWSER
    MAKEFLAGS MFLAGS TAR_OPTIONS RSYNC_RSH CURL_HOME WGETRC KUBECONFIG TERMINFO
  `),
)

const beginnings = words(`
  LD_ DYLD_ BASH_ NODE_ NPM_CONFIG_ PYTHON PERL RUBY GEM_ BUNDLE_ LUA_ PHP JAVA_ JDK_ MAVEN_ GRADLE_ DOTNET_ CORECLR_
  CARGO_ RUSTC_ GIT_ XDG_ DOCKER_ SUDO_ WATCHBILL_
`)

const endings = words('PAGER EDITOR ASKPASS')

/** Data, although the name begins like a lever. */
const harmless: ReadonlySet<string> = new Set(
  words(`
    NODE_ENV PYTHONUNBUFFERED PYTHONIOENCODING PYTHONUTF8
    GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_COMMITTER_DATE
  `),
)
