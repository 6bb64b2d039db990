package kvasir

import (
	"errors"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"
)

// Client is a client of one server.
type Client struct {
	http    *http.Client
	base    string
	headers map[string]string
	// inHeader says whether a header names the namespace, as at the functions' endpoint, or the path does.
	inHeader bool
	// silence is how long the server may stay silent if a context has no deadline.
	silence time.Duration
	// retries is how often what is safe to repeat is repeated.
	retries int
}

// New returns a client of the API at a URL such as http://127.0.0.1:8788 or unix:/path/of/socket. The token
// comes from `kvasir token create`. `kvasir dev` needs none.
func New(apiURL, token string) *Client {
	headers := map[string]string{}
	if token != "" {
		headers["Authorization"] = "Bearer " + token
	}
	return newClient(apiURL, headers, false)
}

// Namespace returns a namespace by its id: 32 hex digits or a UUID. It sends no request.
func (c *Client) Namespace(id string) *Namespace {
	return &Namespace{client: c, id: storedID(id)}
}

// WithTimeout returns a client whose requests fail if the server is silent for this long. The default is 5 s;
// zero means forever. For a context with a deadline, only the deadline applies.
func (c *Client) WithTimeout(silence time.Duration) *Client {
	changed := *c
	changed.silence = silence
	return &changed
}

// WithRetries returns a client that repeats a read whose connection failed, or a request that the server refused for
// now, at most this often. The default is 2. What timed out is never repeated, nor is a write of which it is unknown
// whether it was made.
func (c *Client) WithRetries(retries int) *Client {
	changed := *c
	changed.retries = retries
	return &changed
}

// CloseIdleConnections closes connections that no request uses. The client stays usable. Clients share their
// connections.
func (c *Client) CloseIdleConnections() {
	c.http.CloseIdleConnections()
}

func newClient(address string, headers map[string]string, inHeader bool) *Client {
	transport := tcpTransport
	base := strings.TrimRight(address, "/")
	if path, isUnix := strings.CutPrefix(address, "unix:"); isUnix {
		transport = socketTransport(path)
		base = "http://kvasir"
	}
	// Following a redirect could send the token to another server.
	asIs := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{
		http:     &http.Client{Transport: transport, CheckRedirect: asIs},
		base:     base,
		headers:  headers,
		inHeader: inHeader,
		silence:  silenceTimeout,
		retries:  retries,
	}
}

// NamespaceFromEnvironment returns a function's namespace: the one with the given id or, if it is
// empty, the one in KV_NAMESPACE_ID. `kvasir dev` and `kvasir serve` set the address. Elsewhere
// KVASIR_URL and KVASIR_TOKEN set it.
func NamespaceFromEnvironment(id string) (*Namespace, error) {
	if id == "" {
		id = os.Getenv("KV_NAMESPACE_ID")
	}
	if id == "" {
		return nil, errors.New("kvasir: KV_NAMESPACE_ID is not set: it is the id of the namespace to use")
	}
	if endpoint := os.Getenv("KVASIR_FUNCTIONS_ENDPOINT"); endpoint != "" {
		headers := map[string]string{}
		if secret := os.Getenv("KVASIR_FUNCTIONS_SECRET"); secret != "" {
			headers["Kvasir-Secret"] = secret
		}
		if !strings.HasPrefix(endpoint, "unix:") {
			endpoint = "http://" + endpoint
		}
		client := newClient(endpoint, headers, true)
		client.base += os.Getenv("KVASIR_FUNCTIONS_PREFIX")
		return client.Namespace(id), nil
	}
	apiURL := os.Getenv("KVASIR_URL")
	if apiURL == "" {
		return nil, errors.New("kvasir: KVASIR_URL is not set: it is the address of the API, as http://127.0.0.1:8788")
	}
	return New(apiURL, os.Getenv("KVASIR_TOKEN")).Namespace(id), nil
}

// storedID converts an id to the server's form: some APIs show its 32 hex digits as a UUID.
func storedID(id string) string {
	if uuidForm.MatchString(id) {
		return strings.ToLower(strings.ReplaceAll(id, "-", ""))
	}
	return id
}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
