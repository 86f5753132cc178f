// Command ginsearch is the handler that people write by hand: Gin under the proxy
// adapter, opensearch-go with its defaults, the caller's q passed on in a query_string, the
// reply decoded and encoded again. It tells neither what is missing nor where to go on.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	ginadapter "github.com/awslabs/aws-lambda-go-api-proxy/gin"
	"github.com/gin-gonic/gin"
	"github.com/opensearch-project/opensearch-go/v2"
)

// page is what is read of the reply.
type page struct {
	Took int `json:"took"`
	Hits struct {
		Total struct {
			Value int `json:"value"`
		} `json:"total"`
		Hits []struct {
			ID     string         `json:"_id"`
			Source map[string]any `json:"_source"`
		} `json:"hits"`
	} `json:"hits"`
}

func main() {
	client, err := opensearch.NewClient(opensearch.Config{Addresses: []string{os.Getenv("OPENSEARCH_URL")}})
	if err != nil {
		log.Fatal(err)
	}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET("/v1/:index/search", func(c *gin.Context) { answer(c, client) })
	adapter := ginadapter.NewV2(engine)
	lambda.Start(func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		return adapter.ProxyWithContext(ctx, e)
	})
}

func answer(c *gin.Context, client *opensearch.Client) {
	query := gin.H{
		"size": 50, "sort": []gin.H{{"@timestamp": "desc"}},
		"query": gin.H{"bool": gin.H{"filter": []gin.H{
			{"query_string": gin.H{"query": c.Query("q"), "default_field": "message"}},
			{"range": gin.H{"@timestamp": gin.H{"gte": c.Query("from"), "lt": c.Query("to") + "||+1d"}}},
		}}},
	}
	body, err := json.Marshal(query)
	if err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"error": err.Error()})
		return
	}
	reply, err := client.Search(client.Search.WithContext(c.Request.Context()), client.Search.WithIndex(c.Param("index")+"-*"), client.Search.WithBody(bytes.NewReader(body)))
	if err != nil {
		c.JSON(http.StatusBadGateway, gin.H{"error": err.Error()})
		return
	}
	defer reply.Body.Close()
	var p page
	if err := json.NewDecoder(reply.Body).Decode(&p); err != nil || reply.IsError() {
		c.JSON(http.StatusBadGateway, gin.H{"error": reply.Status()})
		return
	}
	c.JSON(http.StatusOK, gin.H{"total": p.Hits.Total.Value, "took": p.Took, "documents": p.Hits.Hits})
}
