/*
 * The weights stand in the order of enum caller: instance, workload,
 * person, service, another account, thief.
 */
#include "calls.h"

#define S3_OBJECT                                             \
    "[{'type':'AWS::S3::Object','ARN':'arn:aws:s3:::%b/%k'}," \
    "{'accountId':'%A','type':'AWS::S3::Bucket','ARN':'arn:aws:s3:::%b'}]"
#define S3_BUCKET \
    "[{'accountId':'%A','type':'AWS::S3::Bucket','ARN':'arn:aws:s3:::%b'}]"
#define S3_DETAILS(in, out)                                                    \
    "{'SignatureVersion':'SigV4','CipherSuite':'ECDHE-RSA-AES128-GCM-SHA256'," \
    "'bytesTransferredIn':" in ",'AuthenticationMethod':'AuthHeader',"         \
    "'x-amz-id-2':'%B','bytesTransferredOut':" out "}"
#define KMS_KEY                                  \
    "[{'accountId':'%A','type':'AWS::KMS::Key'," \
    "'ARN':'arn:aws:kms:%R:%A:key/%K'}]"
#define TABLE                                           \
    "[{'accountId':'%A','type':'AWS::DynamoDB::Table'," \
    "'ARN':'arn:aws:dynamodb:%R:%A:table/%t'}]"
#define ROLE                                      \
    "[{'accountId':'%A','type':'AWS::IAM::Role'," \
    "'ARN':'arn:aws:iam::%A:role/%r'}]"

#define TRUST_POLICY                                                       \
    "{~  ^Version^: ^2012-10-17^,~  ^Statement^: [~    {~      ^Effect^: " \
    "^Allow^,~      ^Principal^: {^Service^: ^ec2.amazonaws.com^},~      " \
    "^Action^: ^sts:AssumeRole^~    }~  ]~}"
#define ACCESS_POLICY                                                       \
    "{~  ^Version^: ^2012-10-17^,~  ^Statement^: [~    {~      ^Sid^: "     \
    "^Read%N%M^,~      ^Effect^: ^Allow^,~      ^Action^: [~        "       \
    "^s3:GetObject^,~        ^s3:ListBucket^,~        ^kms:Decrypt^~      " \
    "],~      ^Resource^: [~        ^arn:aws:s3:::%b^,~        "            \
    "^arn:aws:s3:::%b/*^,~        ^arn:aws:kms:%R:%A:key/%K^~      ]~    "  \
    "}~  ]~}"
#define SECURITY_TOKEN                                        \
    "{'credentials':{'accessKeyId':'%Z','sessionToken':'%W'," \
    "'expiration':'%C'},'assumedRoleUser':"

/* clang-format off: one call, not one string, is the unit here */
const struct call calls[] = {
    /* -------------------------------------------------------------- sts */
    {"sts",
     "GetCallerIdentity",
     CALL_READS,
     {60, 45, 40, 0, 0, 60},
     .request = NULL},
    {"sts",
     "AssumeRole",
     CALL_READS,
     {15, 20, 10, 0, 0, 5},
     .request =
         "{'roleArn':'arn:aws:iam::%A:role/%r',"
         "'roleSessionName':'botocore-session-%T','durationSeconds':3600}",
     .response = SECURITY_TOKEN
     "{'assumedRoleId':'%j:botocore-session-%T',"
     "'arn':'arn:aws:sts::%A:assumed-role/%r/botocore-session-%T'}}",
     .resources = ROLE},
    /* The instance's name in the text of a record that is not its own. */
    {"sts",
     "AssumeRole",
     CALL_READS,
     {0, 0, 0, 60, 0, 0},
     .request = "{'roleArn':'arn:aws:iam::%A:role/%r',"
                "'roleSessionName':'%i'}",
     .response = SECURITY_TOKEN "{'assumedRoleId':'%j:%i',"
                                "'arn':'arn:aws:sts::%A:assumed-role/%r/%i'}}",
     .resources = ROLE},
    {"sts",
     "AssumeRole",
     CALL_READS,
     {0, 0, 0, 60, 0, 0},
     .request = "{'roleArn':'arn:aws:iam::%A:role/%r',"
                "'roleSessionName':'%f','externalId':'%A-%g'}",
     .response = SECURITY_TOKEN "{'assumedRoleId':'%j:%f',"
                                "'arn':'arn:aws:sts::%A:assumed-role/%r/%f'}}",
     .resources = ROLE},
    {"sts",
     "AssumeRole",
     CALL_READS,
     {0, 0, 0, 0, 60, 0},
     .request = "{'roleArn':'arn:aws:iam::%A:role/%r',"
                "'roleSessionName':'monitoring-%D','externalId':'%u',"
                "'durationSeconds':900}",
     .response = SECURITY_TOKEN
     "{'assumedRoleId':'%j:monitoring-%D',"
     "'arn':'arn:aws:sts::%A:assumed-role/%r/monitoring-%D'}}",
     .resources = ROLE},
    {"sts",
     "AssumeRole",
     CALL_READS,
     {0, 0, 0, 10, 0, 0},
     .request = "{'roleArn':'arn:aws:iam::%A:role/%r',"
                "'roleSessionName':'SLRManagement','policy':'" ACCESS_POLICY
                "','durationSeconds':900}",
     .response = SECURITY_TOKEN
     "{'assumedRoleId':'%j:SLRManagement',"
     "'arn':'arn:aws:sts::%A:assumed-role/%r/SLRManagement'}}",
     .resources = ROLE},

    /* -------------------------------------------------------------- ssm */
    {"ssm",
     "UpdateInstanceInformation",
     0,
     {60, 0, 0, 0, 0, 0},
     .request = "{'instanceId':'%i','agentVersion':'3.2.2303.0',"
                "'agentStatus':'Active','platformType':'Linux',"
                "'platformName':'Amazon Linux','platformVersion':'2023',"
                "'iPAddress':'%a','computerName':'app.%R.compute.internal',"
                "'agentName':'amazon-ssm-agent','availabilityZone':'%z',"
                "'sSMConnectionChannel':'ssmmessages'}"},
    {"ssm",
     "ListInstanceAssociations",
     CALL_READS,
     {30, 0, 0, 0, 0, 0},
     .request = "{'instanceId':'%i','maxResults':20}"},
    {"ssm",
     "PutInventory",
     0,
     {15, 0, 0, 0, 0, 0},
     .request = "{'instanceId':'%i','items':[{"
                "'typeName':'AWS:InstanceInformation','schemaVersion':'1.0',"
                "'captureTime':'%w','contentHash':'%h%h'},{"
                "'typeName':'AWS:Application','schemaVersion':'1.1',"
                "'captureTime':'%w','contentHash':'%h%h'}]}"},
    {"ssm",
     "GetParameter",
     CALL_READS,
     {40, 40, 8, 0, 0, 10},
     .request = "{'name':'%p','withDecryption':true}",
     .resources = "[{'accountId':'%A',"
                  "'ARN':'arn:aws:ssm:%R:%A:parameter%p'}]"},
    {"ssm",
     "GetParametersByPath",
     CALL_READS,
     {25, 20, 3, 0, 0, 0},
     .request = "{'path':'%p','recursive':true,'withDecryption':true,"
                "'maxResults':10}",
     .resources = "[{'accountId':'%A',"
                  "'ARN':'arn:aws:ssm:%R:%A:parameter%p'}]"},
    {"ssm",
     "SendCommand",
     0,
     {0, 6, 4, 0, 0, 3},
     .request = "{'instanceIds':['%i','%I'],"
                "'documentName':'AWS-RunShellScript',"
                "'parameters':'HIDDEN_DUE_TO_SECURITY_REASONS',"
                "'timeoutSeconds':600,'interactive':false}",
     .response =
         "{'command':{'commandId':'%u',"
         "'documentName':'AWS-RunShellScript','documentVersion':'$DEFAULT',"
         "'comment':'','expiresAfter':'Mar 4, 2024 1:05:27 PM',"
         "'parameters':'HIDDEN_DUE_TO_SECURITY_REASONS','instanceIds':['%i',"
         "'%I'],'targets':[],'requestedDateTime':'Mar 4, 2024 11:55:27 AM',"
         "'status':'Pending','statusDetails':'Pending',"
         "'outputS3Region':'%R','outputS3BucketName':'',"
         "'outputS3KeyPrefix':'','maxConcurrency':'50','maxErrors':'0',"
         "'targetCount':2,'completedCount':0,'errorCount':0,"
         "'deliveryTimedOutCount':0}}"},
    {"ssmmessages",
     "OpenControlChannel",
     0,
     {15, 0, 0, 0, 0, 0},
     .request = "{'channelId':'%i','messageSchemaVersion':'1.0',"
                "'requestId':'%u'}"},

    /* -------------------------------------------------------------- ec2 */
    {"ec2",
     "DescribeInstances",
     CALL_READS,
     {20, 25, 25, 0, 0, 40},
     .request = "{'maxResults':1000,'instancesSet':{},'filterSet':{'items':["
                "{'name':'tag:Name','valueSet':{'items':[{'value':'%r'}]}},{"
                "'name':'instance-state-name','valueSet':{'items':[{"
                "'value':'running'}]}}]}}"},
    {"ec2",
     "DescribeInstances",
     CALL_READS,
     {30, 20, 10, 0, 0, 0},
     .request = "{'instancesSet':{'items':[{'instanceId':'%i'}]},"
                "'filterSet':{}}"},
    {"ec2",
     "DescribeTags",
     CALL_READS,
     {45, 10, 5, 0, 0, 0},
     .request =
         "{'maxResults':1000,'filterSet':{'items':[{"
         "'name':'resource-id','valueSet':{'items':[{'value':'%i'}]}}]}}"},
    {"ec2",
     "DescribeVolumes",
     CALL_READS,
     {25, 30, 12, 0, 0, 0},
     .request = "{'maxResults':500,'volumeSet':{},'filterSet':{'items':[{"
                "'name':'attachment.instance-id','valueSet':{'items':[{"
                "'value':'%i'}]}}]}}"},
    {"ec2",
     "DescribeNetworkInterfaces",
     CALL_READS,
     {25, 55, 8, 0, 0, 0},
     .request = "{'networkInterfaceIdSet':{},'filterSet':{'items':[{"
                "'name':'vpc-id','valueSet':{'items':[{'value':'%v'}]}},{"
                "'name':'subnet-id','valueSet':{'items':[{'value':'%s'}]}}]}}"},
    {"ec2",
     "DescribeSecurityGroups",
     CALL_READS,
     {8, 30, 30, 0, 0, 10},
     .request =
         "{'maxResults':200,'securityGroupSet':{},"
         "'securityGroupIdSet':{'items':[{'groupId':'%g'}]},'filterSet':{}}"},
    {"ec2",
     "DescribeSubnets",
     CALL_READS,
     {5, 25, 20, 0, 0, 0},
     .request = "{'subnetSet':{'items':[{'subnetId':'%s'}]},'filterSet':{}}"},
    {"ec2",
     "DescribeRegions",
     CALL_READS,
     {30, 20, 50, 0, 0, 15},
     .request = "{'regionSet':{},'allRegions':true}"},
    {"ec2",
     "DescribeInstanceStatus",
     CALL_READS,
     {30, 20, 10, 0, 0, 0},
     .request = "{'instancesSet':{'items':[{'instanceId':'%i'}]},"
                "'filterSet':{},'includeAllInstances':true}"},
    {"ec2",
     "DescribeAccountAttributes",
     CALL_READS,
     {20, 25, 40, 0, 0, 5},
     .request = "{'accountAttributeNameSet':{},'filterSet':{}}"},
    {"ec2",
     "CreateTags",
     0,
     {12, 8, 6, 0, 0, 0},
     .request =
         "{'resourcesSet':{'items':[{'resourceId':'%i'}]},'tagSet':{"
         "'items':[{'key':'Name','value':'%N-%D'},{'key':'environment',"
         "'value':'production'},{'key':'owner','value':'%N@example.com'}]}}",
     .response = "{'requestId':'%u','_return':true}"},
    {"ec2",
     "CreateSnapshot",
     0,
     {8, 10, 2, 0, 0, 3},
     .request = "{'volumeId':'vol-%h','description':'nightly backup of %i'}",
     .response = "{'requestId':'%u','snapshotId':'snap-%h',"
                 "'volumeId':'vol-%h','status':'pending','startTime':%T,"
                 "'progress':'','ownerId':'%A','volumeSize':'100',"
                 "'description':'nightly backup of %i','encrypted':true}"},
    {"ec2",
     "AttachVolume",
     0,
     {8, 6, 1, 0, 0, 0},
     .request = "{'volumeId':'vol-%h','instanceId':'%i','device':'/dev/"
                "xvdf','deleteOnTermination':false}",
     .response = "{'requestId':'%u','volumeId':'vol-%h','instanceId':'%i',"
                 "'device':'/dev/xvdf','status':'attaching','attachTime':%T,"
                 "'deleteOnTermination':false}"},
    {"ec2",
     "CreateNetworkInterface",
     0,
     {0, 14, 0, 0, 0, 0},
     .request =
         "{'subnetId':'%s','description':'AWS Lambda VPC ENI-%f-%u',"
         "'groupSet':{'items':[{'groupId':'%g'}]},'privateIpAddressesSet':{"
         "},'ipv6AddressCount':0}",
     .response =
         "{'requestId':'%u','networkInterface':{"
         "'networkInterfaceId':'eni-%h','subnetId':'%s','vpcId':'%v',"
         "'availabilityZone':'%z','description':'AWS Lambda VPC ENI-%f',"
         "'ownerId':'%A','requesterManaged':false,'status':'pending',"
         "'macAddress':'0a:f2:00:5d:20:0b','privateIpAddress':'%a',"
         "'sourceDestCheck':true,'interfaceType':'interface','groupSet':{"
         "'items':[{'groupId':'%g','groupName':'%N'}]},"
         "'privateIpAddressesSet':{'item':[{'privateIpAddress':'%a',"
         "'primary':true}]},'tagSet':{}}}"},
    {"ec2",
     "RunInstances",
     0,
     {1, 4, 4, 0, 0, 3},
     .request =
         "{'instancesSet':{'items':[{'imageId':'%m','minCount':1,"
         "'maxCount':1,'keyName':'ops'}]},'groupSet':{'items':[{"
         "'groupId':'%g'}]},'instanceType':'m6i.large',"
         "'blockDeviceMapping':{'items':[{'deviceName':'/dev/xvda','ebs':{"
         "'volumeSize':100,'deleteOnTermination':true,"
         "'volumeType':'gp3'}}]},'availabilityZone':'%z','monitoring':{"
         "'enabled':false},'subnetId':'%s','disableApiTermination':false,"
         "'clientToken':'%u','iamInstanceProfile':{'name':'%r'},"
         "'tagSpecificationSet':{'items':[{'resourceType':'instance',"
         "'tags':[{'key':'Name','value':'%N-%D'}]}]}}",
     .response =
         "{'requestId':'%u','reservationId':'r-%h','ownerId':'%A',"
         "'groupSet':{},'instancesSet':{'items':[{'instanceId':'%I',"
         "'imageId':'%m','instanceState':{'code':0,'name':'pending'},"
         "'privateDnsName':'ip-10-0-2-159.%R.compute.internal',"
         "'keyName':'ops','amiLaunchIndex':0,'productCodes':{},"
         "'instanceType':'m6i.large','launchTime':%T,'placement':{"
         "'availabilityZone':'%z','tenancy':'default'},'monitoring':{"
         "'state':'disabled'},'subnetId':'%s','vpcId':'%v',"
         "'privateIpAddress':'%a','stateReason':{'code':'pending',"
         "'message':'pending'},'architecture':'x86_64',"
         "'rootDeviceType':'ebs','rootDeviceName':'/dev/xvda',"
         "'blockDeviceMapping':{},'virtualizationType':'hvm',"
         "'hypervisor':'xen','groupSet':{'items':[{'groupId':'%g',"
         "'groupName':'%N'}]},'sourceDestCheck':true,'networkInterfaceSet':{"
         "'items':[{'networkInterfaceId':'eni-%h','subnetId':'%s',"
         "'vpcId':'%v','ownerId':'%A','status':'in-use',"
         "'macAddress':'0a:c1:3b:7f:19:d5','privateIpAddress':'%a',"
         "'sourceDestCheck':true,'interfaceType':'interface'}]},"
         "'iamInstanceProfile':{'arn':'arn:aws:iam::%A:instance-profile/%r',"
         "'id':'AIPA%X'},'ebsOptimized':false,'cpuOptions':{'coreCount':1,"
         "'threadsPerCore':2},'metadataOptions':{'state':'pending',"
         "'httpTokens':'required','httpPutResponseHopLimit':2,"
         "'httpEndpoint':'enabled'}}]}}"},
    {"ec2",
     "TerminateInstances",
     0,
     {0, 4, 3, 0, 0, 0},
     .request = "{'instancesSet':{'items':[{'instanceId':'%i'}]}}",
     .response = "{'requestId':'%u','instancesSet':{'items':[{"
                 "'instanceId':'%i','currentState':{'code':32,"
                 "'name':'shutting-down'},'previousState':{'code':16,"
                 "'name':'running'}}]}}"},
    {"ec2",
     "AuthorizeSecurityGroupIngress",
     0,
     {0, 2, 6, 0, 0, 4},
     .request = "{'groupId':'%g','ipPermissions':{'items':[{"
                "'ipProtocol':'tcp','fromPort':443,'toPort':443,'groups':{},"
                "'ipRanges':{'items':[{'cidrIp':'%a/32','description':'%N %q "
                "%D'}]},'ipv6Ranges':{},'prefixListIds':{}}]}}",
     .response =
         "{'requestId':'%u','_return':true,'securityGroupRuleSet':{"
         "'items':[{'groupOwnerId':'%A','groupId':'%g',"
         "'securityGroupRuleId':'sgr-%h','isEgress':false,"
         "'ipProtocol':'tcp','fromPort':443,'toPort':443,'cidrIpv4':'%a/32',"
         "'description':'%N %q %D'}]}}"},
    {"ec2",
     "SharedSnapshotVolumeCreated",
     0,
     {0, 0, 0, 4, 0, 0},
     .request = NULL},

    /* --------------------------------------------------------------- s3 */
    {"s3",
     "GetObject",
     CALL_READS | CALL_IS_DATA,
     {35, 30, 6, 10, 15, 25},
     .request = "{'bucketName':'%b','Host':'%b.s3.%R.amazonaws.com',"
                "'key':'%k'}",
     .additional = S3_DETAILS("0", "%M"),
     .resources = S3_OBJECT},
    {"s3",
     "PutObject",
     CALL_IS_DATA,
     {15, 18, 3, 20, 0, 0},
     .request = "{'bucketName':'%b','Host':'%b.s3.%R.amazonaws.com',"
                "'x-amz-server-side-encryption':'aws:kms','key':'%k'}",
     .response =
         "{'x-amz-server-side-encryption':'aws:kms',"

         "'x-amz-server-side-encryption-aws-kms-key-id':'arn:aws:kms:%R:%A:k"
         "ey/%K'}",
     .additional = S3_DETAILS("%M", "0"),
     .resources = S3_OBJECT},
    {"s3",
     "HeadObject",
     CALL_READS | CALL_IS_DATA,
     {12, 10, 2, 0, 0, 0},
     .request = "{'bucketName':'%b','Host':'%b.s3.%R.amazonaws.com',"
                "'key':'%k'}",
     .additional = S3_DETAILS("0", "0"),
     .resources = S3_OBJECT},
    {"s3",
     "ListObjects",
     CALL_READS | CALL_IS_DATA,
     {10, 8, 6, 0, 6, 20},
     .request = "{'list-type':'2','bucketName':'%b','encoding-type':'url',"
                "'max-keys':'1000','prefix':'%N/','delimiter':'/',"
                "'Host':'%b.s3.%R.amazonaws.com'}",
     .additional = S3_DETAILS("0", "%M"),
     .resources = "[{'type':'AWS::S3::Object','ARNPrefix':'arn:aws:s3:::%b/"
                  "'},{'accountId':'%A','type':'AWS::S3::Bucket',"
                  "'ARN':'arn:aws:s3:::%b'}]"},
    {"s3",
     "ListBuckets",
     CALL_READS,
     {2, 3, 12, 0, 0, 40},
     .request = "{'Host':'s3.amazonaws.com'}",
     .additional = S3_DETAILS("0", "%M")},
    {"s3",
     "GetBucketAcl",
     CALL_READS,
     {0, 12, 12, 40, 0, 5},
     .request = "{'bucketName':'%b','Host':'%b.s3.%R.amazonaws.com',"
                "'acl':''}",
     .additional = S3_DETAILS("0", "%M"),
     .resources = S3_BUCKET},
    {"s3",
     "PutBucketPolicy",
     0,
     {0, 1, 3, 0, 0, 0},
     .request =
         "{'bucketName':'%b','Host':'%b.s3.%R.amazonaws.com',"
         "'policy':'','bucketPolicy':{'Version':'2012-10-17','Statement':[{"
         "'Sid':'DenyInsecureTransport','Effect':'Deny','Principal':'*',"
         "'Action':'s3:*','Resource':['arn:aws:s3:::%b','arn:aws:s3:::%b/"
         "*'],'Condition':{'Bool':{'aws:SecureTransport':'false'}}}]}}",
     .additional = S3_DETAILS("412", "0"),
     .resources = S3_BUCKET},

    /* -------------------------------------------------------------- kms */
    {"kms",
     "Decrypt",
     CALL_READS,
     {50, 60, 5, 110, 20, 5},
     .request = "{'encryptionContext':{"
                "'PARAMETER_ARN':'arn:aws:ssm:%R:%A:parameter%p'},"
                "'encryptionAlgorithm':'SYMMETRIC_DEFAULT'}",
     .resources = KMS_KEY},
    {"kms",
     "GenerateDataKey",
     CALL_READS,
     {20, 20, 2, 70, 5, 0},
     .request = "{'keyId':'%K','encryptionContext':{"
                "'aws:s3:arn':'arn:aws:s3:::%b'},'keySpec':'AES_256'}",
     .resources = KMS_KEY},
    {"kms",
     "DescribeKey",
     CALL_READS,
     {2, 15, 10, 0, 0, 0},
     .request = "{'keyId':'%K'}",
     .resources = KMS_KEY},
    {"kms",
     "CreateGrant",
     0,
     {1, 8, 1, 0, 0, 0},
     .request = "{'granteePrincipal':'autoscaling.%R.amazonaws.com',"
                "'retiringPrincipal':'ec2.%R.amazonaws.com',"
                "'keyId':'arn:aws:kms:%R:%A:key/%K','operations':['Decrypt',"
                "'Encrypt','GenerateDataKeyWithoutPlaintext','ReEncryptFrom',"
                "'ReEncryptTo','CreateGrant'],'constraints':{"
                "'encryptionContextSubset':{'aws:ebs:id':'vol-%h'}}}",
     .response = "{'grantId':'%h%h%h','keyId':'arn:aws:kms:%R:%A:key/%K'}",
     .resources = KMS_KEY},
    {"kms",
     "PutKeyPolicy",
     0,
     {0, 0, 2, 0, 0, 0},
     .request = "{'keyId':'%K','policyName':'default','policy':'" ACCESS_POLICY
                "','bypassPolicyLockoutSafetyCheck':false}",
     .resources = KMS_KEY},

    /* ------------------------------------------------------------- logs */
    {"logs",
     "CreateLogStream",
     0,
     {30, 60, 0, 0, 0, 0},
     .api_version = "20140328",
     .request = "{'logGroupName':'%l','logStreamName':'%L'}"},
    {"logs",
     "DescribeLogStreams",
     CALL_READS,
     {15, 10, 8, 0, 0, 0},
     .api_version = "20140328",
     .request = "{'logGroupName':'%l','logStreamNamePrefix':'%i',"
                "'orderBy':'LogStreamName','limit':50}"},
    {"logs",
     "DescribeLogGroups",
     CALL_READS,
     {8, 12, 20, 0, 0, 8},
     .api_version = "20140328",
     .request = "{'logGroupNamePrefix':'%l','limit':50}"},
    {"logs",
     "StartQuery",
     CALL_READS,
     {0, 2, 8, 0, 0, 0},
     .api_version = "20140328",
     .request =
         "{'logGroupName':'%l','startTime':1709510400,"
         "'endTime':1709596800,'queryString':'fields @timestamp, @message~| "
         "filter @message like /^%N^/~| sort @timestamp desc~| limit %D'}",
     .response = "{'queryId':'%u'}"},

    /* -------------------------------------------------------------- iam */
    {"iam",
     "ListUsers",
     CALL_READS | CALL_IS_GLOBAL,
     {0, 4, 12, 0, 0, 25},
     .api_version = "2010-05-08",
     .request = "{'maxItems':1000}"},
    {"iam",
     "ListRoles",
     CALL_READS | CALL_IS_GLOBAL,
     {0, 8, 15, 0, 0, 15},
     .api_version = "2010-05-08",
     .request = "{'maxItems':1000}"},
    {"iam",
     "GetRole",
     CALL_READS | CALL_IS_GLOBAL,
     {3, 25, 20, 0, 0, 5},
     .api_version = "2010-05-08",
     .request = "{'roleName':'%r'}"},
    {"iam",
     "ListAttachedRolePolicies",
     CALL_READS | CALL_IS_GLOBAL,
     {0, 15, 20, 0, 0, 12},
     .api_version = "2010-05-08",
     .request = "{'roleName':'%r','maxItems':100}"},
    {"iam",
     "GetInstanceProfile",
     CALL_READS | CALL_IS_GLOBAL,
     {8, 6, 6, 0, 0, 3},
     .api_version = "2010-05-08",
     .request = "{'instanceProfileName':'%r'}"},
    {"iam",
     "CreateRole",
     CALL_IS_GLOBAL,
     {0, 2, 4, 0, 0, 0},
     .api_version = "2010-05-08",
     .request =
         "{'path':'/','roleName':'%r','assumeRolePolicyDocument':'" TRUST_POLICY
         "','description':'%N %q %N','tags':[{'key':'owner',"
         "'value':'%N'}]}",
     .response =
         "{'role':{'path':'/','roleName':'%r','roleId':'%j',"
         "'arn':'arn:aws:iam::%A:role/%r','createDate':'Mar 4, 2024 "
         "11:55:27 AM',"

         "'assumeRolePolicyDocument':'%%7B%%22Version%%22%%3A%%222012-10-17"

         "%%22%%2C%%22Statement%%22%%3A%%5B%%7B%%22Effect%%22%%3A%%22Allow"
         "%%22%%7D%%5D%%7D','tags':[{'key':'owner','value':'%N'}]}}"},
    {"iam",
     "PutRolePolicy",
     CALL_IS_GLOBAL,
     {0, 3, 6, 0, 0, 2},
     .api_version = "2010-05-08",
     .request = "{'roleName':'%r','policyName':'%N-access',"
                "'policyDocument':'" ACCESS_POLICY "'}"},
    {"iam",
     "CreatePolicyVersion",
     CALL_IS_GLOBAL,
     {0, 4, 5, 0, 0, 0},
     .api_version = "2010-05-08",
     .request = "{'policyArn':'arn:aws:iam::%A:policy/%N-access',"
                "'policyDocument':'" ACCESS_POLICY "','setAsDefault':true}",
     .response =
         "{'policyVersion':{'versionId':'v%D',"
         "'isDefaultVersion':true,'createDate':'Mar 4, 2024 11:55:27 AM'}}"},

    /* ----------------------------------------------------------- lambda */
    {"lambda",
     "Invoke",
     CALL_IS_DATA,
     {4, 12, 2, 6, 0, 0},
     .request = "{'functionName':'arn:aws:lambda:%R:%A:function:%f',"
                "'invocationType':'Event','clientContext':'%W'}",
     .additional =
         "{'functionVersion':'arn:aws:lambda:%R:%A:function:%f:$LATEST'}",
     .resources = "[{'accountId':'%A','type':'AWS::Lambda::Function',"
                  "'ARN':'arn:aws:lambda:%R:%A:function:%f'}]"},
    {"lambda",
     "UpdateFunctionCode20150331v2",
     0,
     {2, 6, 3, 0, 0, 0},
     .request = "{'functionName':'%f','s3Bucket':'%b','s3Key':'%k',"
                "'publish':true,'dryRun':false,'architectures':['arm64']}",
     .response =
         "{'functionName':'%f',"
         "'functionArn':'arn:aws:lambda:%R:%A:function:%f',"
         "'runtime':'python3.12','role':'arn:aws:iam::%A:role/%r',"
         "'handler':'app.handler','codeSize':%M,'description':'',"
         "'timeout':30,'memorySize':512,'lastModified':'%w',"
         "'codeSha256':'%h%h%h','version':'%D','vpcConfig':{'subnetIds':["
         "'%s'],'securityGroupIds':['%g'],'vpcId':'%v',"
         "'ipv6AllowedForDualStack':false},'environment':{},"
         "'tracingConfig':{'mode':'Active'},'revisionId':'%u',"
         "'state':'Active','lastUpdateStatus':'InProgress',"
         "'packageType':'Zip','architectures':['arm64']}"},
    {"lambda",
     "GetFunction20150331v2",
     CALL_READS,
     {0, 10, 12, 0, 0, 6},
     .request = "{'functionName':'%f'}"},

    /* --------------------------------------------------------- dynamodb */
    {"dynamodb",
     "GetItem",
     CALL_READS | CALL_IS_DATA,
     {18, 22, 0, 0, 0, 0},
     .api_version = "2012-08-10",
     .request = "{'tableName':'%t','key':{'pk':'%N#%u','sk':'v0'},"
                "'consistentRead':true}",
     .resources = TABLE},
    {"dynamodb",
     "PutItem",
     CALL_IS_DATA,
     {12, 14, 0, 0, 0, 0},
     .api_version = "2012-08-10",
     .request = "{'tableName':'%t','key':{'pk':'%N#%u','sk':'v0'},'items':["
                "'pk','sk','ttl','payload']}",
     .resources = TABLE},
    {"dynamodb",
     "Query",
     CALL_READS | CALL_IS_DATA,
     {12, 15, 2, 0, 0, 0},
     .api_version = "2012-08-10",
     .request =
         "{'tableName':'%t','indexName':'gsi1',"
         "'keyConditionExpression':'#pk = :pk AND begins_with(#sk, :sk)',"
         "'expressionAttributeNames':{'#pk':'pk','#sk':'sk'},'limit':%D}",
     .resources = TABLE},
    {"dynamodb",
     "DescribeTable",
     CALL_READS,
     {6, 15, 6, 0, 0, 0},
     .api_version = "2012-08-10",
     .request = "{'tableName':'%t'}",
     .resources = TABLE},

    /* ------------------------------------------------ all other services */
    {"autoscaling",
     "DescribeAutoScalingGroups",
     CALL_READS,
     {20, 30, 8, 0, 0, 0},
     .request = "{'autoScalingGroupNames':['%G'],'maxRecords':100}"},
    {"autoscaling",
     "CompleteLifecycleAction",
     0,
     {6, 6, 0, 0, 0, 0},
     .request =
         "{'instanceId':'%i','autoScalingGroupName':'%G',"
         "'lifecycleHookName':'drain-node',"
         "'lifecycleActionResult':'CONTINUE','lifecycleActionToken':'%u'}"},
    {"elasticloadbalancing",
     "DescribeTargetHealth",
     CALL_READS,
     {10, 45, 5, 0, 0, 0},
     .api_version = "2015-12-01",
     .request =
         "{'targetGroupArn':'arn:aws:elasticloadbalancing:%R:%A:targetgroup/"
         "%N/50dc6c495c0c9188'}"},
    {"elasticloadbalancing",
     "RegisterTargets",
     0,
     {3, 12, 1, 0, 0, 0},
     .api_version = "2015-12-01",
     .request =
         "{'targetGroupArn':'arn:aws:elasticloadbalancing:%R:%A:targetgroup/"
         "%N/50dc6c495c0c9188','targets':[{'id':'%i','port':8080}]}"},
    {"secretsmanager",
     "GetSecretValue",
     CALL_READS,
     {25, 40, 4, 0, 0, 20},
     .request = "{'secretId':'arn:aws:secretsmanager:%R:%A:secret:%n'}"},
    {"ecr",
     "GetAuthorizationToken",
     CALL_READS,
     {45, 30, 3, 0, 0, 0},
     .request = NULL},
    {"ecr",
     "BatchGetImage",
     CALL_READS,
     {15, 20, 0, 0, 0, 0},
     .request = "{'registryId':'%A','repositoryName':'%E','imageIds':[{"
                "'imageTag':'build-%D'}],'acceptedMediaTypes':['application/"
                "vnd.docker.distribution.manifest.v2+json','application/"
                "vnd.oci.image.manifest.v1+json']}",
     .resources = "[{'accountId':'%A','ARN':'arn:aws:ecr:%R:%A:repository/"
                  "%E'}]"},
    {"sqs",
     "ReceiveMessage",
     CALL_IS_DATA,
     {20, 20, 0, 0, 0, 0},
     .request = "{'queueUrl':'https://sqs.%R.amazonaws.com/%A/%N-jobs',"
                "'maxNumberOfMessages':10,'waitTimeSeconds':20,"
                "'visibilityTimeout':300}",
     .resources = "[{'accountId':'%A','type':'AWS::SQS::Queue',"
                  "'ARN':'arn:aws:sqs:%R:%A:%N-jobs'}]"},
    {"ecs",
     "DescribeTasks",
     CALL_READS,
     {0, 25, 6, 0, 0, 0},
     .request = "{'cluster':'arn:aws:ecs:%R:%A:cluster/production','tasks':["
                "'arn:aws:ecs:%R:%A:task/production/%h%h']}"},
    {"cloudformation",
     "DescribeStackResource",
     CALL_READS,
     {6, 10, 3, 0, 0, 0},
     .request = "{'stackName':'%N-production','logicalResourceId':'%G'}"},
    {"cloudformation",
     "CreateChangeSet",
     0,
     {0, 4, 4, 0, 0, 0},
     .request =
         "{'stackName':'arn:aws:cloudformation:%R:%A:stack/"
         "%N-production/%u','changeSetName':'deploy-%D',"
         "'changeSetType':'UPDATE','capabilities':['CAPABILITY_NAMED_IAM'],"
         "'parameters':[{'parameterKey':'ImageId','parameterValue':'%m'},{"
         "'parameterKey':'SubnetId','parameterValue':'%s'}],"
         "'templateURL':'https://%b.s3.amazonaws.com/%k','tags':[{"
         "'key':'team','value':'%N'}]}",
     .response =
         "{'stackId':'arn:aws:cloudformation:%R:%A:stack/"
         "%N-production/%u','id':'arn:aws:cloudformation:%R:%A:changeSet/"
         "deploy-%D/%u'}"},
    {"ce",
     "GetCostAndUsage",
     CALL_READS,
     {0, 3, 8, 0, 0, 0},
     .request =
         "{'TimePeriod':{'Start':'2024-02-01','End':'2024-03-01'},"
         "'Granularity':'DAILY','Metrics':['UnblendedCost'],'Filter':{"
         "'Not':{'Or':[{'Dimensions':{'Key':'RECORD_TYPE','Values':["
         "'Credit']}},{'Dimensions':{'Key':'RECORD_TYPE','Values':["
         "'Refund']}}]}},'GroupBy':[{'Type':'DIMENSION','Key':'SERVICE'}]}"},
    {"health",
     "DescribeEventAggregates",
     CALL_READS,
     {0, 6, 20, 0, 0, 0},
     .request =
         "{'aggregateField':'eventTypeCategory','filter':{"
         "'eventStatusCodes':['open','upcoming'],'startTimes':[{'from':'Feb "
         "26, 2024 11:55:27 AM'}]}}"},
};
/* clang-format on */

const size_t call_count = sizeof(calls) / sizeof(calls[0]);
