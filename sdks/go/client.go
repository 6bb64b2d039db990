package kvasir

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
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

type request struct {
	method string
	// path within the namespace, percent-encoded, including the query.
	path    string
	body    []byte
	headers map[string]string
	// scans says that the duration depends on the number of keys, so the request may take longer.
	scans bool
}

// send returns the response's headers and body, or an *Error for every status except 2xx.
func (n *Namespace) send(ctx context.Context, r request) (http.Header, []byte, error) {
	allowed := n.client.silence
	if r.scans {
		allowed *= scanTimeoutFactor
	}
	ctx, quiet, done := boundSilence(ctx, allowed)
	defer done()
	response, err := n.open(ctx, r, quiet)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(audible{response.Body, quiet})
	if err != nil {
		return nil, nil, unavailable(ctx, err)
	}
	return response.Header, data, nil
}

// open returns a response whose body the caller must read and close, or an *Error for every status except
// 2xx.
func (n *Namespace) open(ctx context.Context, r request, quiet *silence) (*http.Response, error) {
	c := n.client
	target := c.base + r.path
	if !c.inHeader {
		target = c.base + "/binding/" + url.PathEscape(n.id) + r.path
	}
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	sent, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return nil, fmt.Errorf("kvasir: %s is no address of a server: %w", c.base, err)
	}
	if r.body != nil {
		fresh := func() (io.ReadCloser, error) { return io.NopCloser(audible{bytes.NewReader(r.body), quiet}), nil }
		sent.Body, _ = fresh()
		sent.GetBody = fresh
	}
	for _, headers := range []map[string]string{c.headers, r.headers} {
		for name, value := range headers {
			sent.Header.Set(name, value)
		}
	}
	if c.inHeader {
		sent.Header.Set("Kvasir-Namespace", n.id)
	}
	response, err := c.http.Do(sent)
	if err != nil {
		return nil, unavailable(ctx, err)
	}
	if response.StatusCode/100 != 2 {
		defer response.Body.Close()
		return nil, errorOf(response)
	}
	return response, nil
}

func unavailable(ctx context.Context, cause error) *Error {
	if context.Cause(ctx) == errSilent {
		cause = errSilent
	}
	hint := "Is it running, and is the address right?"
	if errors.Is(cause, context.DeadlineExceeded) {
		hint = "A write may or may not have been made. A context with a deadline, or WithTimeout, allows more time."
	}
	return &Error{
		Code:    "unavailable",
		Message: "the server does not respond: " + cause.Error(),
		Hint:    hint,
		cause:   cause,
	}
}

func errorOf(response *http.Response) error {
	data, _ := io.ReadAll(io.LimitReader(response.Body, errorBytesMax))
	if response.StatusCode == http.StatusPreconditionFailed {
		return &Error{Code: "condition_failed", Message: "the condition does not hold", Status: response.StatusCode}
	}
	var body struct {
		Error struct{ Code, Message, Hint string }
	}
	if json.Unmarshal(data, &body) != nil || body.Error.Code == "" {
		return &Error{Code: "internal", Message: "the server answered " + response.Status, Status: response.StatusCode}
	}
	found := body.Error
	return &Error{Code: found.Code, Message: found.Message, Hint: found.Hint, Status: response.StatusCode}
}
